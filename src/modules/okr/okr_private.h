/* okr_private.h - shared inside the okr module. */
#pragma once
#include "modules/metric/metric.h"
#include "modules/module.h"
#include "modules/okr/okr.h"
#include "modules/okr/okr_rules.h"

typedef enum ObjectiveLevel { OBJECTIVE_OF_PERSON, OBJECTIVE_OF_UNIT } ObjectiveLevel;
typedef enum ObjectiveState { OBJECTIVE_DRAFT, OBJECTIVE_ACTIVE, OBJECTIVE_CLOSED } ObjectiveState;
typedef struct Objective {
    RESOURCE_ROW;
    const char *title, *note, *employee_name, *unit_name, *parent_name, *parent_key_result_name;
    int64_t employee_id, unit_id, shown_to, parent_id, parent_key_result_id;
    Date first_day, last_day;
    int level, cycle, state;
} Objective;

typedef enum KeyResultSource { KEY_RESULT_METRIC, KEY_RESULT_TYPED } KeyResultSource;
typedef enum KeyResultWhose { KEY_RESULT_OF_PERSON, KEY_RESULT_OF_UNIT } KeyResultWhose;
typedef struct KeyResult {
    RESOURCE_ROW;
    const char *title, *objective_name, *metric_name, *unit_name, *evidence, *score_note;
    int64_t objective_id, metric_id, weight, confidence, employee_id, unit_id, shown_to;
    Money start_value, target_value, typed_value, score; /* hundredths of the unit; score of 1 */
    Date checked_on;
    int source, whose;
} KeyResult;

extern const Resource objective_resource, key_result_resource;
extern const char *const okr_cycle_codes[], *const okr_cycle_labels[];
extern const Route okr_routes[], okr_check_in_routes[];

/* May the actor change what this person answers for in that unit? The person, who leads them, and administrators. */
bool okr_may_edit(Ctx *c, int64_t employee_id, int64_t unit_id);

/* ---- okr_value.c ---- */

/* A key result as it stands today. */
typedef struct KeyResultNow {
    KeyResult row;
    const Metric *metric; /* NULL for typed ones */
    Ratio value, progress;
} KeyResultNow;
typedef struct ObjectiveNow {
    KeyResultNow *results;
    size_t count;
    Ratio progress, score; /* score: of final scores, once all are given */
} ObjectiveNow;
Error *okr_now(Ctx *c, int64_t objective_id, Date first, Date last, ObjectiveNow *ret) MUST_USE;
/* The stored number as a value of the metric, or of the typed unit. */
Ratio okr_ratio(const Metric *metric, int64_t hundredths);
/* Members that every page shows of progress: progress (for programs), percent_text, percent_capped, kind and word against the time gone by. */
void okr_add_progress(Ctx *c, Value o, Ratio progress, Ratio elapsed);
/* Share of the cycle's working days that have gone by; none for a draft, which is not measured against them. */
Error *okr_elapsed(Ctx *c, int state, Date first, Date last, Ratio *ret) MUST_USE;
Error *okr_results_model(Ctx *c, const Objective *o, const ObjectiveNow *now, Value *ret) MUST_USE;

/* ---- okr_tree.c ---- */

/* The reader sees objective o: parameters are okr_reader's four. */
#define OKR_VISIBLE_1234                                                                                                                       \
    "($1 = 1 OR o.employee_id = $2 OR o.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $3)"                             \
    " OR o.shown_to IN (SELECT a.above_id FROM unit_above a WHERE a.below_id = $4))"
#define OKR_READER(c) V((c)->actor->system || (c)->actor->scope == SCOPE_ALL), V((c)->actor->employee_id), V((c)->actor->account_id), V((c)->actor->unit_id)
/* Adds "above" (from the top) and "below" (nested) to the model. Objectives that are not the reader's to see have no name. */
Error *okr_tree(Ctx *c, const Objective *o, Value model) MUST_USE;
