/* sheet_xml.c - reads an XML part of a workbook: the fast scanner for ordinary UTF-8, expat for whatever else it is. */
#define XML_DTD 1 /* or expat.h hides the limit on amplification */
#include "service/sheet_private.h"
#include <expat.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

typedef struct Run {
    SheetReader *r;
    const SheetXml *on;
    void *arg;
    XML_Parser parser;
    int depth;
    Error *error; /* what a handler said */
} Run;

static int close_run(Run *run) {
    if (run->parser) XML_ParserFree(run->parser);
    return 0;
}

const char *sheet_xml_att(const char **atts, const char *local) {
    for (; *atts; atts += 2) {
        const char *colon = strchr(*atts, ':');
        if (strcmp(colon ? colon + 1 : *atts, local) == 0) return atts[1];
    }
    return NULL;
}

static const char *local_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void stop(Run *run, Error *e) {
    if (!e || run->error) return;
    run->error = e;
    XML_StopParser(run->parser, XML_FALSE);
}

static void XMLCALL on_start(void *arg, const char *name, const char **atts) {
    Run *run = arg;
    if (run->error) return;
    if (++run->depth > SHEET_XML_DEPTH || XML_GetSpecifiedAttributeCount(run->parser) > SHEET_XML_ATTRIBUTES * 2)
        stop(run, sheet_unsafe(run->r, "XML depth or attributes"));
    else if (run->on->start)
        stop(run, run->on->start(run->arg, local_name(name), atts));
}

static void XMLCALL on_end(void *arg, const char *name) {
    Run *run = arg;
    if (run->error) return; /* expat reports the end of an empty element even after a stop */
    run->depth--;
    if (run->on->end) stop(run, run->on->end(run->arg, local_name(name)));
}

static void XMLCALL on_text(void *arg, const char *s, int n) {
    Run *run = arg;
    if (!run->error && run->on->text) stop(run, run->on->text(run->arg, s, (size_t)n));
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *system, const char *public, int internal) {
    Run *run = arg;
    (void)name, (void)system, (void)public, (void)internal;
    stop(run, sheet_unsafe(run->r, "DOCTYPE"));
}

static Error *read_with_expat(SheetReader *r, void *mem, SheetPart *part, char *buf, size_t n, const SheetXml *on,
                              void *arg) {
    Run *run = sheet_need(talloc_zero(mem, Run));
    talloc_set_destructor(run, close_run);
    *run = (Run){ .r = r, .on = on, .arg = arg, .parser = sheet_need(XML_ParserCreate(NULL)) };
    XML_SetUserData(run->parser, run);
    XML_SetElementHandler(run->parser, on_start, on_end);
    XML_SetCharacterDataHandler(run->parser, on_text);
    XML_SetStartDoctypeDeclHandler(run->parser, on_doctype);
    XML_SetBillionLaughsAttackProtectionMaximumAmplification(run->parser, 10);
    XML_SetBillionLaughsAttackProtectionActivationThreshold(run->parser, 1 << 20);
    for (uint64_t read = n;; read += n) {
        enum XML_Status status = XML_Parse(run->parser, buf, (int)n, n == 0);
        if (run->error) return run->error;
        if (status != XML_STATUS_OK) return sheet_damaged(r, 0, XML_ErrorString(XML_GetErrorCode(run->parser)));
        if (n == 0) return NULL;
        /* A tag that does not end would be kept, and looked at again with each chunk. */
        XML_Index at = XML_GetCurrentByteIndex(run->parser);
        if (read - (at > 0 ? (uint64_t)at : 0) > SHEET_XML_TOKEN) return sheet_unsafe(r, "XML token");
        TRY(sheet_part_read(part, buf, SHEET_XML_CHUNK, &n));
    }
}

/* True if the part begins like UTF-8 without another encoding in its declaration. */
static bool is_plain(const char *s, size_t n) {
    if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) s += 3, n -= 3;
    if (n < 2 || s[0] != '<' || s[1] == 0) return false;
    if (n < 5 || memcmp(s, "<?xml", 5) != 0) return true;
    const char *end = memchr(s, '>', n), *encoding = end ? memmem(s, (size_t)(end - s), "encoding", 8) : NULL;
    if (!encoding) return end != NULL;
    encoding += 8;
    while (encoding < end && strchr(" \t\r\n=\"'", *encoding)) encoding++;
    return end - encoding > 5 && strncasecmp(encoding, "utf-8", 5) == 0;
}

Error *sheet_xml_read(SheetZip *z, SheetReader *r, int64_t index, const SheetXml *on, void *arg) {
    Ctx *work = ctx_child(r->work);
    SheetPart *part;
    char *buf = sheet_need(talloc_size(work->mem, SHEET_XML_CHUNK));
    size_t n = 0;
    Error *e = sheet_part_open(work->mem, z, index, &part);
    if (!e) e = sheet_part_read(part, buf, SHEET_XML_CHUNK, &n);
    if (!e && is_plain(buf, n))
        e = sheet_scan(r, work->mem, part, buf, n, on, arg);
    else if (!e)
        e = read_with_expat(r, work->mem, part, buf, n, on, arg);
    ctx_done(work);
    return e;
}
