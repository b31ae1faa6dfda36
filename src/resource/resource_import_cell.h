/* resource_import_cell.h - what an import remembers between rows. Private to resource/. */
#pragma once
#include "base/pile.h"
#include "resource/resource_import.h"

/* Text -> number, in an arena. Open addressing; grows by doubling. */
typedef struct TextMap {
    void *mem;
    struct TextSlot *slots;
    size_t count, size;
    Pile pile;
} TextMap;
/* Place of text's number, made with `otherwise` if text is new (*ret_new may be NULL). Valid until the next call. */
int64_t *text_map_at(TextMap *map, const char *text, int64_t otherwise, bool *ret_new);

/* Hash -> number: which row had this key. */
typedef struct KeyMap {
    void *mem;
    struct KeySlot *slots;
    size_t count, size;
} KeyMap;
int64_t *key_map_at(KeyMap *map, uint64_t hash, int64_t otherwise);
/* Hash of the row's natural id or KEY fields; 0 if it has none. */
uint64_t key_hash(const Resource *res, const Field *fields, size_t n, const void *row);

/* Reads the cells of one column's field. */
typedef struct CellReader {
    const Field *field;
    const Resource *res; /* being imported */
    bool dry;            /* nothing is written: rows of this file are known by `named` only */
    TextMap known;       /* REF: id, 0 unknown, -1 several; ENUM: index, -1 unknown */
    TextMap *named;      /* titles and keys of the good new rows so far, for fields that refer to the resource itself */
} CellReader;
/* Reads text into the row. *ret_given: the cell says something (an empty cell leaves a choice or yes/no as it was). *ret_later is set if
 * the text names an entry that an earlier row of this file will make. Bad text goes to *errors; an Error is returned for failures that end the import. */
Error *cell_read(Ctx *c, CellReader *reader, const char *text, void *row, Error **errors, bool *ret_given, bool *ret_later) MUST_USE;
