/* resource_list_view.h - a list as the model of list.html and its JSON. Private to resource/. */
#pragma once
#include "resource/resource.h"

/* JSON: title, path, total, page, columns, sums, rows. The page reads more, under names that begin with '_'. */
Error *list_view_model(Req *r, const Resource *res, const ListQuery *q, const ListResult *list, Value *ret) MUST_USE;
