CREATE TABLE "foundry"."model_readers" (
	"role" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"password" text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "model_readers_tenant" ON "foundry"."model_readers" USING btree ("tenant_id");--> statement-breakpoint
CREATE INDEX "sync_runs_tenant" ON "etl"."sync_runs" USING btree ("tenant_id","completed_at");--> statement-breakpoint
create schema read_models;
--> statement-breakpoint
-- Whose rows the login may see. session_user is who logged in: no query can change it.
create function read_models.current_tenant() returns text language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select tenant_id from foundry.model_readers where role = session_user $$;
--> statement-breakpoint
create view read_models.connectors with (security_barrier) as
  select tenant_id, id, source_system, tap_name, connector_type, destination_catalog, iomete_namespace as namespace, iomete_table as destination_table,
    sync_schedule, timezone, load_mode, status, consecutive_failures, next_run_at, last_synced_at, last_error, rows_total, created_at, updated_at
  from etl.meltano_connectors where tenant_id = (select read_models.current_tenant());
--> statement-breakpoint
create view read_models.sync_runs with (security_barrier) as
  select r.tenant_id, r.id, r.connector_id, c.source_system, r.iomete_table as destination_table, r.status, r.trigger, r.rows_synced, r.rows_loaded,
    r.transform_errors, r.error_code, r.error_msg, r.started_at, r.completed_at, r.duration_s
  from etl.sync_runs r join etl.meltano_connectors c on c.id = r.connector_id
  where r.tenant_id = (select read_models.current_tenant()) and c.tenant_id = (select read_models.current_tenant());
--> statement-breakpoint
create view read_models.run_tables with (security_barrier) as
  select r.tenant_id, r.id as sync_run_id, r.connector_id, t.stream, t."table" as table_name, t.read as rows_read, t.loaded as rows_loaded,
    t.rejected as rows_rejected, r.status, r.completed_at
  from etl.sync_runs r, jsonb_to_recordset(r.tables) as t(stream text, "table" text, read bigint, loaded bigint, rejected bigint)
  where r.tenant_id = (select read_models.current_tenant());
--> statement-breakpoint
create view read_models.daily_loads with (security_barrier) as
  select tenant_id, (completed_at at time zone 'UTC')::date as day, connector_id, count(*) as runs, count(*) filter (where status = 'failed') as failed_runs,
    sum(rows_synced)::bigint as rows_synced, sum(rows_loaded)::bigint as rows_loaded, sum(transform_errors)::bigint as transform_errors
  from etl.sync_runs where tenant_id = (select read_models.current_tenant()) group by 1, 2, 3;
--> statement-breakpoint
create view read_models.rejected_rows with (security_barrier) as
  select tenant_id, id, connector_id, run_id as sync_run_id, stream, column_name, expression, error, created_at
  from etl.rejected_rows where tenant_id = (select read_models.current_tenant());
--> statement-breakpoint
create view read_models.field_mappings with (security_barrier) as
  select tenant_id, id, connector_id, source_stream, source_field, source_type, target_schema, target_table, target_column, target_type, transform_fn,
    is_key, llm_mapped, confidence_score, reviewed, reason, created_at, updated_at
  from etl.field_mappings where tenant_id = (select read_models.current_tenant());
--> statement-breakpoint
comment on view read_models.connectors is 'Registered sources: what is synced where, when, and how it stands';
--> statement-breakpoint
comment on view read_models.sync_runs is 'Finished runs of connectors, one row each';
--> statement-breakpoint
comment on view read_models.run_tables is 'What each finished run wrote to each table';
--> statement-breakpoint
comment on view read_models.daily_loads is 'Runs and rows of each connector by day (UTC)';
--> statement-breakpoint
comment on view read_models.rejected_rows is 'Rows a transform or a type refused: where and why, without the row';
--> statement-breakpoint
comment on view read_models.field_mappings is 'Which source field goes to which column, and how sure that is';
