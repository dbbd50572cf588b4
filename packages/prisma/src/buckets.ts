/**
 * Ready generations are counted by spans of `queuedAt` on three levels, each 128 times as long as the one below:
 * 128 ms, 16 s, 35 min. A position adds up at most 128 counts a level and a look at the rows of one short span, however
 * long the queue; of the longest spans there are 1,235 in a backlog of 30 days.
 */
export const BUCKET_SPANS_MS = [128, 128 ** 2, 128 ** 3] as const

/** Writers pick one of so many lanes; see the tables. */
export const LANES = 8
