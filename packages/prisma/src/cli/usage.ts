export const USAGE = `genqueue-prisma: genqueue's tables in your database

  genqueue-prisma init [--schema PATH] [--dry-run]
      Adds genqueue's models to your Prisma schema. PATH is the schema file or
      the folder of a schema in several files; by default it is looked for
      where Prisma looks: "prisma.schema" in package.json, prisma/schema.prisma,
      schema.prisma, prisma/. Other models are never touched. --dry-run only
      shows what would change.

  genqueue-prisma migrate [--url URL] [--provider NAME] [--print]
      Creates what is missing of genqueue's tables, without Prisma's engine.
      URL is a database URL (postgresql://, mysql://, mariadb://, file:); by
      default DATABASE_URL, also from .env. It uses the driver that your app
      has installed: pg, mariadb, @libsql/client or better-sqlite3. Safe to run
      again, and from several processes at once. --print shows the SQL of a
      provider (postgresql, mysql, sqlite) and runs nothing.

  genqueue-prisma --help

Exit codes: 0 done or nothing to do, 1 could not be done, 2 wrong use.`

/** Wrong use of the command: one line, exit code 2. */
export class UsageError extends Error {}

/** Could not be done: one line, exit code 1. */
export class CliError extends Error {}
