/* service.h - what the layer as a whole offers to main.c. */
#pragma once

/* Adds the layer's own jobs: sealing the audit log, removing sessions that are over and file contents nobody refers to. Before job_start. */
void service_add_jobs(void);
