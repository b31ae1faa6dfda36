/* job_profile.c - positions and what they are for. */
#include "modules/org/org_private.h"

typedef struct JobProfile {
    RESOURCE_ROW;
    const char *name, *duties;
} JobProfile;

static const Field fields[] = {
    TEXT_(JobProfile, name, N_("Position"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH | KEY, .max = 60, .aliases = (const char *const[]){"岗位", "职位", "岗位名称", NULL}),
    LONGTEXT_(JobProfile, duties, N_("Duties"), .flags = IN_LIST | SEARCH, .aliases = (const char *const[]){"岗位职责", NULL}),
    {.kind = F_END},
};

const Resource job_profile_resource = {
    .table = "job_profile", .path = "/positions", .title = N_("Positions"), .one = N_("Position"), .icon = "briefcase", .size = sizeof(JobProfile), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ADMIN | ROLE_TRAINER, .update = ROLE_ADMIN | ROLE_TRAINER, .remove = ROLE_ADMIN},
    .order = "name", .importable = true, .empty_hint = N_("Enter positions such as Sales representative, Team lead."),
};
