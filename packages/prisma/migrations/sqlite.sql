-- genqueue's tables on sqlite. `npx genqueue-prisma migrate` runs this.

CREATE TABLE IF NOT EXISTS "ModelConcurrencyLimit" (
  "modelId" TEXT NOT NULL,
  "modelType" TEXT NOT NULL,
  "maxConcurrent" INTEGER NOT NULL,
  "currentActive" INTEGER NOT NULL DEFAULT 0,
  "paused" BOOLEAN NOT NULL DEFAULT false,
  "recentRunMs" TEXT NOT NULL DEFAULT '',
  "updatedAt" BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY ("modelId")
);

CREATE TABLE IF NOT EXISTS "GenerationQueue" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "userId" TEXT NOT NULL,
  "modelId" TEXT NOT NULL,
  "modelType" TEXT NOT NULL,
  "prompt" TEXT NOT NULL,
  "parameters" TEXT NOT NULL,
  "metadata" TEXT NULL,
  "status" TEXT NOT NULL,
  "place" TEXT NOT NULL,
  "lane" INTEGER NOT NULL DEFAULT 0,
  "priority" INTEGER NOT NULL DEFAULT 0,
  "turn" INTEGER NOT NULL DEFAULT 0,
  "ticketCost" INTEGER NOT NULL,
  "ticketsUsed" INTEGER NULL,
  "idempotencyKey" TEXT NOT NULL,
  "fingerprint" TEXT NOT NULL,
  "attempt" INTEGER NOT NULL DEFAULT 0,
  "maxAttempts" INTEGER NOT NULL,
  "queuedAt" BIGINT NOT NULL,
  "notBefore" BIGINT NULL,
  "maxWaitMs" BIGINT NULL,
  "deadlineAt" BIGINT NULL,
  "dueAt" BIGINT NULL,
  "startedAt" BIGINT NULL,
  "completedAt" BIGINT NULL,
  "leaseToken" TEXT NULL,
  "leaseExpiresAt" BIGINT NULL,
  "releasedBy" TEXT NULL,
  "progress" REAL NULL,
  "resultUrl" TEXT NULL,
  "output" TEXT NULL,
  "errorMessage" TEXT NULL,
  "timeline" TEXT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS "GenerationQueue_key" ON "GenerationQueue"("userId", "idempotencyKey");

CREATE INDEX IF NOT EXISTS "GenerationQueue_order" ON "GenerationQueue"("place", "modelId", "turn", "queuedAt", "id");

CREATE INDEX IF NOT EXISTS "GenerationQueue_due" ON "GenerationQueue"("place", "dueAt");

CREATE INDEX IF NOT EXISTS "GenerationQueue_model" ON "GenerationQueue"("modelId", "status", "id");

CREATE INDEX IF NOT EXISTS "GenerationQueue_user" ON "GenerationQueue"("userId", "id");

CREATE INDEX IF NOT EXISTS "GenerationQueue_settled" ON "GenerationQueue"("status", "completedAt");

CREATE TABLE IF NOT EXISTS "Ticket" (
  "userId" TEXT NOT NULL,
  "balance" INTEGER NOT NULL DEFAULT 0,
  "reserved" INTEGER NOT NULL DEFAULT 0,
  "granted" BIGINT NOT NULL DEFAULT 0,
  "captured" BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY ("userId")
);

CREATE TABLE IF NOT EXISTS "TicketLedger" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "userId" TEXT NOT NULL,
  "at" BIGINT NOT NULL,
  "kind" TEXT NOT NULL,
  "amount" INTEGER NOT NULL,
  "balance" INTEGER NOT NULL,
  "reserved" INTEGER NOT NULL,
  "queueId" INTEGER NULL,
  "key" TEXT NULL,
  "memo" TEXT NULL
);

CREATE INDEX IF NOT EXISTS "TicketLedger_user" ON "TicketLedger"("userId", "id");

CREATE UNIQUE INDEX IF NOT EXISTS "TicketLedger_key" ON "TicketLedger"("userId", "key");

CREATE TABLE IF NOT EXISTS "GenerationRollup" (
  "modelId" TEXT NOT NULL,
  "hour" BIGINT NOT NULL,
  "measure" TEXT NOT NULL,
  "bin" INTEGER NOT NULL,
  "lane" INTEGER NOT NULL DEFAULT 0,
  "count" BIGINT NOT NULL,
  "sum" BIGINT NOT NULL,
  PRIMARY KEY ("modelId", "hour", "measure", "bin", "lane")
);

CREATE INDEX IF NOT EXISTS "GenerationRollup_hour" ON "GenerationRollup"("hour");

CREATE TABLE IF NOT EXISTS "GenerationCount" (
  "modelId" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "lane" INTEGER NOT NULL DEFAULT 0,
  "count" BIGINT NOT NULL,
  PRIMARY KEY ("modelId", "status", "lane")
);

CREATE TABLE IF NOT EXISTS "GenerationBucket" (
  "modelId" TEXT NOT NULL,
  "level" INTEGER NOT NULL,
  "turn" INTEGER NOT NULL,
  "bucket" BIGINT NOT NULL,
  "lane" INTEGER NOT NULL DEFAULT 0,
  "count" INTEGER NOT NULL,
  PRIMARY KEY ("modelId", "level", "turn", "bucket", "lane")
);
