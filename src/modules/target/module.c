/* module.c - what the target module brings. */
#include "modules/target/target_private.h"

const Module target_module = {.name = "target"};
