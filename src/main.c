/* main.c - see program/program.c. */
#include "program/program.h"

int main(int argc, char **argv) {
    return program_main(argc, argv);
}
