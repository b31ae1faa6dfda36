/* org.h - units, people, posts and leave: what other modules may ask. */
#pragma once
#include "base/date.h"
#include "resource/resource.h"

extern const Resource org_unit_resource, employee_resource, post_resource, leave_span_resource, job_profile_resource;

typedef enum UnitKind { UNIT_COMPANY, UNIT_REGION, UNIT_TEAM } UnitKind;
typedef struct OrgUnit {
    RESOURCE_ROW;
    const char *name, *name_keys, *parent_name, *leader_name;
    int kind, status;
    int64_t parent_id, leader_id, sort;
} OrgUnit;

typedef enum EmployeeStatus { EMPLOYEE_ACTIVE, EMPLOYEE_LEFT } EmployeeStatus;
typedef struct Employee {
    RESOURCE_ROW;
    const char *no, *name, *name_keys, *unit_name, *job_profile_name, *grade, *manager_name, *phone, *email, *region;
    const char *leader_name, *office_name; /* only while a roster is imported: roster.c */
    int64_t unit_id, job_profile_id, manager_id;
    Date hired_on, left_on;
    int status;
} Employee;

/* The unit a person's main post was in on that day; 0 if none. */
Error *org_unit_of(Ctx *c, int64_t employee_id, Date day, int64_t *ret_unit_id) MUST_USE;
/* Adds an error to field unit_id if that unit is closed. */
Error *org_check_open(Ctx *c, int64_t unit_id, Error **errors) MUST_USE;
/* True if a leave span covers the day. */
Error *org_on_leave(Ctx *c, int64_t employee_id, Date day, bool *ret) MUST_USE;
/* In a transaction: makes the company, the root of the tree, or renames it. */
Error *org_unit_create_root(Ctx *c, const char *name, int64_t *ret_id) MUST_USE;
/* In a transaction: moves a person's main post from that day on; the old one ends the day before. Reports keep their old team. */
Error *org_transfer(Ctx *c, int64_t employee_id, int64_t unit_id, Date effective, const char *note) MUST_USE;
/* In a transaction: the person leaves; the account's sessions and tokens end with the commit. */
Error *org_leave_company(Ctx *c, int64_t employee_id, Date last_day) MUST_USE;
/* In a transaction: recomputes which units each account sees, after units, leaders, posts or accounts changed. */
Error *org_rebuild_visibility(Ctx *c) MUST_USE;
/* Does the actor see that unit's, or that person's, numbers? Everybody sees what the scope gives, and themselves. */
Error *org_sees_unit(Ctx *c, int64_t unit_id, bool *ret) MUST_USE;
Error *org_sees_person(Ctx *c, int64_t employee_id, bool *ret) MUST_USE;
/* Called in the transaction after a person's posts changed from that day on, and after a unit came under another parent; the metric module,
 * which stands above org, fills them. */
extern Error *(*org_on_posts_changed)(Ctx *c, int64_t employee_id, Date from);
extern Error *(*org_on_unit_moved)(Ctx *c, int64_t unit_id, int64_t old_parent, int64_t new_parent);
/* Asked when a person leaves; the account module fills it, which stands above org. */
extern Error *(*org_on_leaving)(Ctx *c, int64_t employee_id);
