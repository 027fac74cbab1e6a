/* SPDX-License-Identifier: ISC */
/*
 * ceiling: the limits of everything that grows with foreign input, in one place.
 * Reaching one is an error that names it, never a silent cut.
 */
#ifndef ROLLCALL_CEILING_H
#define ROLLCALL_CEILING_H

#define MIB ((size_t)1024 * 1024)

#define LINE_MAX_BYTES       (64 * MIB)           /* one line of a stream */
#define ZSTD_WINDOW_LOG_MAX  27                   /* 128 MiB, as the program zstd reads by itself */
#define ZSTD_RATIO_MAX       1000                 /* bytes out of one that is compressed */
#define PAGE_MAX_BYTES       (32 * MIB)           /* one reply of a provider, decoded */
#define JSON_DEPTH_MAX       512                  /* nesting of arrays and objects */
#define TOKEN_MAX_BYTES      16384                /* a bearer token */
#define CERT_MAX_BYTES       ((size_t)256 * 1024) /* a client certificate with its chain */
#define IDLE_PAGES_MAX       1000                 /* empty cursor pages in a row */
#define NAMELESS_PAGES_MAX   16                   /* pages in a row of records without an id */
#define REPEATED_PAGES_MAX   3                    /* pages in a row that only repeat records */
#define ACCOUNT_PAGES_MAX    100      /* pages of accounts, of which one is looked for */
#define SKIPPED_MAX          10000    /* records in one list that are not kept */
#define ATTRIBUTES_MAX       256      /* names that nobody maps, of users, and of groups */
#define ATTRIBUTE_NAME_MAX   100      /* bytes of one that are shown */
#define EXTRAS_MAX           64       /* attributes of --map-extra */
#define RECORDS_MAX          20000000 /* records in one list */
#define WALKS_MAX            4        /* a list is read once, and again up to three times */
#define RETRIES_DEFAULT      4
#define MAX_WAIT_DEFAULT_S   75   /* a limit of a minute ends within it */
#define JOBS_MAX             64   /* requests in flight */
#define TOKENS_MAX           1000 /* tokens of one run, each asked for where the last ran out */
#define OAUTH_PARAMETERS_MAX 8    /* --oauth-param */
#define OAUTH_FORM_MAX       ((size_t)4 * TOKEN_MAX_BYTES) /* the request for a token */
#define MOVED_MAX            8              /* paths that a service serves at another place */
#define PREFETCH_MAX         (2 * JOBS_MAX) /* pages of a list asked for and not yet taken */
#define PERSONS_MAX_BYTES    (16 * MIB)     /* a file that says which accounts are one person's */
#define CSV_COLUMNS_MAX      16384          /* of a row: as many as a spreadsheet has */
#define XLSX_FILE_MAX_BYTES  (1024 * MIB)   /* a workbook */
#define XLSX_PARTS_MAX       10000          /* of it */
#define XLSX_DIRECTORY_MAX   (4 * MIB)      /* bytes of the list of them */
#define XLSX_UNPACKED_MAX    ((uint64_t)4096 * MIB) /* bytes of those that are read */
#define XLSX_SMALL_MAX       (32 * MIB)             /* bytes of a part without rows and texts */
#define XLSX_RATIO_FROM      (16 * MIB)             /* of a part; from then on it may grow */
#define XLSX_RATIO_MAX       250                    /* so many times */
#define XLSX_SHEETS_MAX      1000                   /* of a workbook */
#define XLSX_STRINGS_BYTES   (256 * MIB)            /* of texts that its cells share */
#define XLSX_STYLES_MAX      65536                  /* of its cells */
#define XLSX_CELLS_MAX       64000000               /* of one sheet */
#define XLSX_MERGED_MAX      65536                  /* areas of one cell in a sheet */
#define XML_DEPTH_MAX        64                     /* elements in elements */
#define XML_PREFIXES_MAX     128                    /* namespaces that are declared at a time */
#define XML_TAG_MAX          MIB                    /* bytes of one tag, with its attributes */
#define DECISIONS_MAX        10000000               /* in one decision stream */
#define DECIDERS_MAX         100000                 /* names of who decides, and their accounts */
#define INTERVALS_MAX        10000000               /* in one trace stream that is looked up */
#define OPERATIONS_MAX       1000000                /* in one plan of scim-push */
#define MEMORY_DEFAULT       (512 * MIB)            /* what normalize sorts in memory */
#define MEMORY_MIN           (16 * MIB)
#define MEMORY_MAX           (sizeof(size_t) > 4 ? 65536 * MIB : 1024 * MIB)
#define THREADS_DEFAULT_MAX  4 /* of normalize; fewer where the machine has fewer cores */
#define THREADS_MAX          16
#define RUNS_MAX             64          /* sorted runs in temporary files merged at once */
#define SPOOL_MEMORY         (4 * MIB)   /* records kept in memory before a temporary file */
#define MATCH_MEMORY         (64 * MIB)  /* of each of the sorters of --match, four at once */
#define FILTER_MAX_BYTES     MIB         /* the text of a user's own program */
#define FILTER_OUTPUTS_MAX   1000000     /* what it may put out for one record */
#define GUARD_SECONDS_MAX    10          /* of CPU time for one value of its */
#define GUARD_MIB_MAX        1024        /* of memory that it may take for one record */
#define POLICY_MAX_BYTES     (16 * MIB)  /* a policy.json */
#define SOURCES_MAX_BYTES    (4 * MIB)   /* a sources.json */
#define SOURCES_MAX          1000        /* sources in it */
#define SOURCES_AHEAD_MAX    256         /* sections kept until those before them are written */
#define PERSON_MAX_BYTES     (256 * MIB) /* what is known of the accounts of one person */
#define SPLIT_MAX_BYTES      (16 * MIB)  /* a file that says who reviews what */
#define SHEETS_MAX           10000       /* sheets of one review */
#define OLDER_MAX            1000        /* older snapshots of one review */
#define PROBLEMS_MAX         200         /* of the sheets of a review, that are listed */
#define RULES_MAX            64          /* own rules in it */

#endif
