/* fonts.c - the few fonts we print with, found through fontconfig's cache and opened before the door is locked.
 *
 * A configuration of our own instead of the system's: every text comes out the same on every server, and there is no font
 * whose file would have to be opened later. A character that none of them has is drawn as a box with its number. */
#include "print.h"
#include <fontconfig/fontconfig.h>
#include <stdio.h>

static const char configuration[] =
    "<?xml version=\"1.0\"?><fontconfig>"
    "<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><cachedir>/var/cache/fontconfig</cachedir>"
    "<selectfont>"
    "<acceptfont><glob>*/NotoSansCJK-Regular.ttc</glob><glob>*/NotoSansCJK-Bold.ttc</glob>"
    "<glob>*/wqy-microhei.ttc</glob></acceptfont>"
    "<rejectfont><glob>*.*</glob>"
    "<pattern><patelt name=\"family\"><string>Noto Sans CJK JP</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans CJK KR</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans CJK TC</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans CJK HK</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans Mono CJK SC</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans Mono CJK JP</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans Mono CJK KR</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans Mono CJK TC</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>Noto Sans Mono CJK HK</string></patelt></pattern>"
    "<pattern><patelt name=\"family\"><string>WenQuanYi Micro Hei Mono</string></patelt></pattern>"
    "</rejectfont></selectfont></fontconfig>";

/* Draws once with each font into nothing. The layouts stay, and with them the fonts and their open files. */
static void warm_up(PangoContext *context, const FcFontSet *set) {
    cairo_surface_t *nothing = cairo_image_surface_create(CAIRO_FORMAT_A8, 64, 64);
    cairo_t *cr = cairo_create(nothing);
    pango_cairo_update_context(cr, context);
    for (int i = 0; i < set->nfont; i++) {
        FcChar8 *family = NULL;
        if (FcPatternGetString(set->fonts[i], FC_FAMILY, 0, &family) != FcResultMatch) continue;
        PangoFontDescription *font = pango_font_description_new();
        pango_font_description_set_family(font, (const char *)family);
        pango_font_description_set_absolute_size(font, 10 * PANGO_SCALE);
        for (int bold = 0; bold < 2; bold++) {
            PangoLayout *kept = pango_layout_new(context);
            pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
            pango_layout_set_font_description(kept, font);
            pango_layout_set_text(kept, "销冠 Aa 0123 — ▲▼", -1);
            pango_cairo_show_layout(cr, kept);
        }
        pango_font_description_free(font);
    }
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS) fail(BROKEN, "fonts: %s", cairo_status_to_string(cairo_status(cr)));
    cairo_destroy(cr);
    cairo_surface_destroy(nothing);
}

PangoContext *fonts_open(void) {
    FcConfig *config = FcConfigCreate();
    if (!config || !FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)configuration, FcTrue) ||
        !FcConfigBuildFonts(config) || !FcConfigSetCurrent(config))
        fail(BROKEN, "fontconfig cannot be set up");
    const FcFontSet *set = FcConfigGetFonts(config, FcSetSystem);
    if (!set || !set->nfont) fail(NO_FONT, "neither Noto Sans CJK nor WenQuanYi Micro Hei is installed");
    PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    pango_cairo_context_set_resolution(context, 72); /* points are points */
    pango_context_set_language(context, pango_language_from_string("zh-cn"));
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);
    warm_up(context, set);
    return context;
}
