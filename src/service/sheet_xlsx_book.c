/* sheet_xlsx_book.c - finds the first visible sheet of a workbook, its shared strings and its styles. */
#include "service/sheet_private.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum { NAME = 512, RELATIONS = 4096 };

/* ---- Relations: id -> part ---- */

typedef struct Relation {
    const char *id, *type; /* type is the last word of its address: "worksheet" */
    char *part;            /* name in the archive */
} Relation;

typedef struct Relations {
    SheetReader *r;
    const char *folder; /* of the part they belong to, with its final / or "" */
    Relation *all;
    size_t count;
} Relations;

/* folder + target without . and .. */
static char *join(void *mem, const char *folder, const char *target) {
    char *s = *target == '/' ? talloc_strdup(mem, target + 1) : talloc_asprintf(mem, "%s%s", folder, target),
         *out = sheet_need(s);
    for (char *p = s; *p;) {
        size_t n = strcspn(p, "/");
        char *next = p + n + (p[n] == '/');
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            if (out > s) out--;
            while (out > s && out[-1] != '/') out--;
        } else if (!(n == 1 && *p == '.')) {
            memmove(out, p, (size_t)(next - p));
            out += next - p;
        }
        p = next;
    }
    *out = 0;
    return s;
}

static Error *on_relation(void *arg, const char *name, const char **atts) {
    Relations *l = arg;
    if (strcmp(name, "Relationship") != 0) return NULL;
    const char *id = sheet_xml_att(atts, "Id"), *type = sheet_xml_att(atts, "Type"),
               *target = sheet_xml_att(atts, "Target");
    if (!id || !type || !target || strlen(target) > NAME || l->count == RELATIONS) return NULL;
    void *mem = l->r->work->mem;
    const char *word = strrchr(type, '/');
    if (l->count % 16 == 0) l->all = sheet_need(talloc_realloc_size(mem, l->all, (l->count + 16) * sizeof *l->all));
    l->all[l->count++] = (Relation){
        .id = sheet_need(talloc_strdup(mem, id)),
        .type = sheet_need(talloc_strdup(mem, word ? word + 1 : type)),
        .part = join(mem, l->folder, target),
    };
    return NULL;
}

/* The relations of part ("" for the archive itself). None if there is no such list. */
static Error *read_relations(SheetBook *b, const char *part, Relations *ret_l) {
    static const SheetXml handlers = { .start = on_relation };
    void *mem = b->r->work->mem;
    const char *slash = strrchr(part, '/'), *base = slash ? slash + 1 : part;
    char *folder = sheet_need(talloc_strndup(mem, part, (size_t)(base - part)));
    *ret_l = (Relations){ .r = b->r, .folder = folder };
    int64_t i = sheet_zip_find(b->zip, sheet_need(talloc_asprintf(mem, "%s_rels/%s.rels", folder, base)));
    return i < 0 ? NULL : sheet_xml_read(b->zip, b->r, i, &handlers, ret_l);
}

static const Relation *relation_of_type(const Relations *l, const char *type) {
    for (size_t i = 0; i < l->count; i++)
        if (strcasecmp(l->all[i].type, type) == 0) return &l->all[i];
    return NULL;
}

static const Relation *relation_of_id(const Relations *l, const char *id) {
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->all[i].id, id) == 0) return &l->all[i];
    return NULL;
}

/* ---- Workbook ---- */

typedef struct Workbook {
    SheetBook *b;
    const Relations *relations;
    int64_t visible, any; /* parts of the first sheet of each sort */
} Workbook;

static bool is_true(const char *s) {
    return s && (strcmp(s, "1") == 0 || strcasecmp(s, "true") == 0);
}

static Error *on_workbook(void *arg, const char *name, const char **atts) {
    Workbook *w = arg;
    if (strcmp(name, "workbookPr") == 0) w->b->from_1904 = is_true(sheet_xml_att(atts, "date1904"));
    if (strcmp(name, "sheet") != 0 || w->visible >= 0) return NULL;
    const char *id = NULL, *state = sheet_xml_att(atts, "state");
    for (const char **a = atts; *a; a += 2) /* r:id, beside a sheetId of another meaning */
        if (strlen(*a) > 3 && strcmp(*a + strlen(*a) - 3, ":id") == 0) id = a[1];
    const Relation *rel = id ? relation_of_id(w->relations, id) : NULL;
    if (!rel || strcasecmp(rel->type, "worksheet") != 0) return NULL;
    int64_t part = sheet_zip_find(w->b->zip, rel->part);
    if (part < 0) return NULL;
    if (w->any < 0) w->any = part;
    if (!state || strcasecmp(state, "visible") == 0) w->visible = part;
    return NULL;
}

static int64_t part_of_type(const SheetBook *b, const Relations *l, const char *type, const char *usual) {
    const Relation *rel = relation_of_type(l, type);
    int64_t i = rel ? sheet_zip_find(b->zip, rel->part) : -1;
    return i >= 0 ? i : sheet_zip_find(b->zip, usual);
}

Error *sheet_book_open(SheetBook *b) {
    static const SheetXml handlers = { .start = on_workbook };
    Relations top, l;
    TRY(read_relations(b, "", &top));
    const Relation *office = relation_of_type(&top, "officeDocument");
    const char *book = office && sheet_zip_find(b->zip, office->part) >= 0 ? office->part : "xl/workbook.xml";
    size_t n = strlen(book);
    if (n > 4 && strcasecmp(book + n - 4, ".bin") == 0)
        return err_invalid(b->r->c, N_("This is a binary Excel file (.xlsb); save it as .xlsx and try again"));
    int64_t index = sheet_zip_find(b->zip, book);
    if (index < 0) return sheet_not_one(b->r);
    TRY(read_relations(b, book, &l));
    Workbook w = { .b = b, .relations = &l, .visible = -1, .any = -1 };
    TRY(sheet_xml_read(b->zip, b->r, index, &handlers, &w));
    b->sheet = w.visible >= 0 ? w.visible : w.any;
    if (b->sheet < 0) b->sheet = sheet_zip_find(b->zip, "xl/worksheets/sheet1.xml");
    if (b->sheet < 0) return l.count || w.any >= 0 ? sheet_damaged(b->r, 0, "no sheet") : sheet_not_one(b->r);
    b->strings_part = part_of_type(b, &l, "sharedStrings", "xl/sharedStrings.xml");
    b->styles_part = part_of_type(b, &l, "styles", "xl/styles.xml");
    return NULL;
}
