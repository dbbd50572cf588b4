-- genqueue's tables on mysql. `npx genqueue-prisma migrate` runs this.

CREATE TABLE IF NOT EXISTS `ModelConcurrencyLimit` (
  `modelId` VARCHAR(191) NOT NULL,
  `modelType` VARCHAR(191) NOT NULL,
  `maxConcurrent` INTEGER NOT NULL,
  `currentActive` INTEGER NOT NULL DEFAULT 0,
  `paused` BOOLEAN NOT NULL DEFAULT false,
  `recentRunMs` VARCHAR(512) NOT NULL DEFAULT '',
  `updatedAt` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`modelId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `GenerationQueue` (
  `id` INTEGER NOT NULL AUTO_INCREMENT,
  `userId` VARCHAR(191) NOT NULL,
  `modelId` VARCHAR(191) NOT NULL,
  `modelType` VARCHAR(191) NOT NULL,
  `prompt` LONGTEXT NOT NULL,
  `parameters` LONGTEXT NOT NULL,
  `metadata` LONGTEXT NULL,
  `status` VARCHAR(32) NOT NULL,
  `place` VARCHAR(16) NOT NULL,
  `lane` INTEGER NOT NULL DEFAULT 0,
  `priority` INTEGER NOT NULL DEFAULT 0,
  `turn` INTEGER NOT NULL DEFAULT 0,
  `ticketCost` INTEGER NOT NULL,
  `ticketsUsed` INTEGER NULL,
  `idempotencyKey` VARCHAR(191) NOT NULL,
  `fingerprint` VARCHAR(191) NOT NULL,
  `attempt` INTEGER NOT NULL DEFAULT 0,
  `maxAttempts` INTEGER NOT NULL,
  `queuedAt` BIGINT NOT NULL,
  `notBefore` BIGINT NULL,
  `maxWaitMs` BIGINT NULL,
  `deadlineAt` BIGINT NULL,
  `dueAt` BIGINT NULL,
  `startedAt` BIGINT NULL,
  `completedAt` BIGINT NULL,
  `leaseToken` VARCHAR(191) NULL,
  `leaseExpiresAt` BIGINT NULL,
  `releasedBy` VARCHAR(191) NULL,
  `progress` DOUBLE NULL,
  `resultUrl` LONGTEXT NULL,
  `output` LONGTEXT NULL,
  `errorMessage` LONGTEXT NULL,
  `timeline` LONGTEXT NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `GenerationQueue_key`(`userId`, `idempotencyKey`),
  INDEX `GenerationQueue_order`(`place`, `modelId`, `turn`, `queuedAt`, `id`),
  INDEX `GenerationQueue_due`(`place`, `dueAt`),
  INDEX `GenerationQueue_model`(`modelId`, `status`, `id`),
  INDEX `GenerationQueue_user`(`userId`, `id`),
  INDEX `GenerationQueue_settled`(`status`, `completedAt`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `Ticket` (
  `userId` VARCHAR(191) NOT NULL,
  `balance` INTEGER NOT NULL DEFAULT 0,
  `reserved` INTEGER NOT NULL DEFAULT 0,
  `granted` BIGINT NOT NULL DEFAULT 0,
  `captured` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`userId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `TicketLedger` (
  `id` INTEGER NOT NULL AUTO_INCREMENT,
  `userId` VARCHAR(191) NOT NULL,
  `at` BIGINT NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `amount` INTEGER NOT NULL,
  `balance` INTEGER NOT NULL,
  `reserved` INTEGER NOT NULL,
  `queueId` INTEGER NULL,
  `key` VARCHAR(191) NULL,
  `memo` VARCHAR(191) NULL,
  PRIMARY KEY (`id`),
  INDEX `TicketLedger_user`(`userId`, `id`),
  UNIQUE INDEX `TicketLedger_key`(`userId`, `key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `GenerationRollup` (
  `modelId` VARCHAR(191) NOT NULL,
  `hour` BIGINT NOT NULL,
  `measure` VARCHAR(32) NOT NULL,
  `bin` INTEGER NOT NULL,
  `lane` INTEGER NOT NULL DEFAULT 0,
  `count` BIGINT NOT NULL,
  `sum` BIGINT NOT NULL,
  PRIMARY KEY (`modelId`, `hour`, `measure`, `bin`, `lane`),
  INDEX `GenerationRollup_hour`(`hour`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `GenerationCount` (
  `modelId` VARCHAR(191) NOT NULL,
  `status` VARCHAR(32) NOT NULL,
  `lane` INTEGER NOT NULL DEFAULT 0,
  `count` BIGINT NOT NULL,
  PRIMARY KEY (`modelId`, `status`, `lane`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `GenerationBucket` (
  `modelId` VARCHAR(191) NOT NULL,
  `level` INTEGER NOT NULL,
  `turn` INTEGER NOT NULL,
  `bucket` BIGINT NOT NULL,
  `lane` INTEGER NOT NULL DEFAULT 0,
  `count` INTEGER NOT NULL,
  PRIMARY KEY (`modelId`, `level`, `turn`, `bucket`, `lane`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
