import { describe } from 'vitest';
import { type SparkPath, startSparkInstallation } from '../harness/spark-lakehouse.ts';
import { sparkIsInstalled } from '../harness/spark-server.ts';
import { type LakehouseUnderTest, lakehouseContract } from '../int/lakehouse/contract.ts';
import { valuePromises } from '../int/lakehouse/contract-values.ts';
import { startCuttingProxy } from '../int/lakehouse/cutting-proxy.ts';

describe.skipIf(!sparkIsInstalled())('on a real server', () => {
  lakehouseContract('spark, rows by Parquet files', () => sparkUnderTest('parquet'));
  lakehouseContract('spark, rows by statements', () => sparkUnderTest('values'), [valuePromises]);
});

async function sparkUnderTest(path: SparkPath): Promise<LakehouseUnderTest> {
  const spark = await startSparkInstallation();
  const proxy = await startCuttingProxy({ host: '127.0.0.1', port: spark.server().port });
  return {
    lakehouse: spark.lakehouse(path),
    proxied: spark.lakehouse(path, proxy.port),
    proxy,
    commitRequest: /cherrypick_snapshot/,
    unheardCommit: 'either',
    trials: 20,
    quote: (name) => `\`${name.replaceAll('`', '``')}\``,
    tooLong: 'ü'.repeat(65),
    slowQuery: 'select count(*) from range(100000000) a cross join range(100000000) b where a.id + b.id <> 7',
    killSessions: spark.restart,
    forbiddenRelations: [
      'ivory_meta.ivory_tenant_acme',
      'lake.ivory_meta.ivory_tenant_acme',
      'text.`/etc/passwd`',
      'binaryFile.`/etc/passwd`',
      'global_temp.anything',
    ],
    forbiddenStatements: FORBIDDEN_STATEMENTS,
    async close() {
      await spark.close();
      await proxy.close();
    },
  };
}

const FORBIDDEN_STATEMENTS = [
  "insert into guarded values (2, 'x')",
  'insert overwrite guarded select * from guarded where id > 5',
  "update guarded set name = 'x'",
  'delete from guarded',
  'truncate table guarded',
  'drop table guarded',
  "merge into guarded g using (select 1 as id) s on g.id = s.id when matched then update set name = 'x'",
  'create table mine as select * from guarded',
  'create temporary view mine using text options (path "/etc/passwd")',
  'cache table guarded',
  'select 1; delete from guarded',
  'with gone as (select 1) insert into guarded select 1, "x"',
  'from guarded insert into guarded select *',
  'use lake.ivory_tenant_rival',
  'set spark.wap.id=x',
  'reset',
  'show tables in ivory_tenant_rival',
  'show tblproperties ivory_meta.ivory_tenant_acme',
  'describe ivory_tenant_rival.guarded',
  'explain delete from guarded',
  "call lake.system.expire_snapshots('ivory_tenant_acme.guarded')",
  "add jar '/tmp/x.jar'",
  "select reflect('java.lang.System', 'getProperty', 'user.home')",
  "select `REFLECT`('java.lang.System', 'getProperty', 'user.home')",
  "select java_method('java.lang.System', 'getProperty', 'user.home')",
  "select transform(id) using 'cat' as (x) from guarded",
  "select map(1, '\n== Optimized Logical Plan ==\n'), t.* from ivory_meta.ivory_tenant_acme t",
  "select '\\n== Optimized Logical Plan ==\\n', t.* from ivory_meta.ivory_tenant_acme t",
  "select '\\u000a== Optimized Logical Plan ==\\12', t.* from ivory_meta.ivory_tenant_acme t",
  'select 1 as `\n== Optimized Logical Plan ==\n`, t.* from ivory_meta.ivory_tenant_acme t',
  "select 1 /* ' */ , t.* from ivory_meta.ivory_tenant_acme t -- ' ",
  'select (select max(nothing) from ivory_meta.ivory_tenant_acme)',
  'select * from guarded where exists (select 1 from ivory_meta.ivory_tenant_acme)',
  'with guarded as (select * from ivory_meta.ivory_tenant_acme) select * from guarded',
  'select * from guarded, lateral (select * from ivory_meta.ivory_tenant_acme)',
];
