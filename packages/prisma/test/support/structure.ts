import type { PrismaLike, Provider } from '@genqueue/prisma'

const POSTGRESQL = `
SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'YES' THEN '' ELSE ' not null' END
  || COALESCE(' default ' || column_default, '') AS "line", ordinal_position::int AS "position"
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT indexdef, 1000 FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid), 2000
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY "position", "line"`

const SQLITE = `
SELECT t.name || '.' || c.name || ' ' || c.type || CASE c."notnull" WHEN 1 THEN ' not null' ELSE '' END
  || COALESCE(' default ' || c.dflt_value, '') || CASE c.pk WHEN 0 THEN '' ELSE ' key ' || c.pk END
  || CASE WHEN c.pk = 1 AND t.sql LIKE '%AUTOINCREMENT%' THEN ' increasing' ELSE '' END AS "line", c.cid AS "position"
FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
UNION ALL
SELECT t.name || ' ' || CASE i."unique" WHEN 1 THEN 'unique ' ELSE 'index ' END || i.name || ' '
  || (SELECT GROUP_CONCAT(p.name) FROM pragma_index_info(i.name) p), 1000
FROM sqlite_master t, pragma_index_list(t.name) i WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
UNION ALL
SELECT t.name || '.' || f."from" || ' to ' || f."table" || '.' || f."to", 2000
FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
ORDER BY "position", "line"`

const MYSQL = `
SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME, ' ', COLUMN_TYPE, IF(IS_NULLABLE = 'YES', '', ' not null'),
  COALESCE(CONCAT(' default ', COLUMN_DEFAULT), ''), IF(EXTRA = '', '', CONCAT(' ', EXTRA))) AS \`line\`,
  ORDINAL_POSITION AS \`position\`
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
UNION ALL
SELECT CONCAT(TABLE_NAME, IF(NON_UNIQUE = 0, ' unique ', ' index '), INDEX_NAME, ' ',
  GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX)), 1000
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE
ORDER BY \`position\`, \`line\``

const STRUCTURE: Readonly<Record<Provider, string>> = {
  postgresql: POSTGRESQL,
  sqlite: SQLITE,
  mysql: MYSQL,
}

/** What the database says of its tables: a line for each column, in the order of the columns, index and constraint. */
export async function structureOf(client: PrismaLike, provider: Provider): Promise<string[]> {
  const found = await client.$queryRawUnsafe<{ line: string }[]>(STRUCTURE[provider])
  return found.map(({ line }) => line)
}
