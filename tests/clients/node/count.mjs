// node count.mjs FILE TABLE: how many rows a table of the published file has, and what it is.
import { DuckDBInstance } from "@duckdb/node-api";

const [file, table] = process.argv.slice(2);
const instance = await DuckDBInstance.create(file, { access_mode: "READ_ONLY" });
const connection = await instance.connect();
const rows = await connection.runAndReadAll(`select count(*) from marts."${table}"`);
const comments = await connection.runAndReadAll(
  `select comment from duckdb_tables() where schema_name = 'marts' and table_name = '${table}'`,
);
console.log(JSON.stringify({ rows: Number(rows.getRows()[0][0]), comment: comments.getRows()[0][0] }));
