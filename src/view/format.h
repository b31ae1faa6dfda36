/* format.h - the formats that templates may name: {{#fmt.money}}{{amount}}{{/fmt.money}}.
 *
 *     money    25,000.00             date     2026-11-23
 *     wan      2.50万 (money_short)  day      11-23 周一
 *     int      25,000                time     2026-11-23 18:05, local
 *     percent  95.00% of 9500        size     1.5 MB of bytes
 * A value that is not there is empty; a percentage that is not there is a dash. */
#pragma once
#include "view/mustache.h"

extern const TemplateFormat view_formats[];
