CREATE SCHEMA "lakehouse";
--> statement-breakpoint
CREATE SCHEMA "etl";
--> statement-breakpoint
CREATE SCHEMA "audit";
--> statement-breakpoint
CREATE TABLE "lakehouse"."namespaces" (
	"namespace" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lakehouse"."tenant_catalogs" (
	"tenant_id" text NOT NULL,
	"catalog_name" text NOT NULL,
	"namespace" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_catalogs_tenant_id_catalog_name_pk" PRIMARY KEY("tenant_id","catalog_name")
);
--> statement-breakpoint
CREATE TABLE "etl"."meltano_connectors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"source_system" text NOT NULL,
	"tap_name" text NOT NULL,
	"tap_version" text,
	"connector_type" text NOT NULL,
	"meltano_environment" text NOT NULL,
	"destination_catalog" text NOT NULL,
	"iomete_namespace" text NOT NULL,
	"iomete_table" text NOT NULL,
	"staging_schema" text NOT NULL,
	"sync_schedule" text NOT NULL,
	"timezone" text DEFAULT 'UTC' NOT NULL,
	"load_mode" text DEFAULT 'upsert' NOT NULL,
	"config_encrypted" text,
	"webhook_secret" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"consecutive_failures" integer DEFAULT 0 NOT NULL,
	"next_run_at" timestamp with time zone,
	"next_trigger" text,
	"tap_state" json,
	"state_version" integer DEFAULT 0 NOT NULL,
	"rows_total" bigint DEFAULT 0 NOT NULL,
	"last_synced_at" timestamp with time zone,
	"last_error" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."state_history" (
	"connector_id" uuid NOT NULL,
	"tenant_id" text NOT NULL,
	"version" integer NOT NULL,
	"state" json,
	"run_id" uuid,
	"actor" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."field_mappings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"source_stream" text NOT NULL,
	"source_field" text NOT NULL,
	"source_type" text NOT NULL,
	"target_schema" text NOT NULL,
	"target_table" text NOT NULL,
	"target_column" text NOT NULL,
	"target_type" text NOT NULL,
	"transform_fn" text,
	"is_key" boolean DEFAULT false NOT NULL,
	"llm_mapped" boolean NOT NULL,
	"confidence_score" double precision NOT NULL,
	"reviewed" boolean DEFAULT false NOT NULL,
	"reason" text,
	"alternatives" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."mapping_jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"request" jsonb NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"result" jsonb,
	"error_code" text,
	"error_msg" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "etl"."load_batches" (
	"batch_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"run_id" uuid NOT NULL,
	"stream" text NOT NULL,
	"table_name" text NOT NULL,
	"state" text NOT NULL,
	"rows_read" bigint DEFAULT 0 NOT NULL,
	"rows_loaded" bigint DEFAULT 0 NOT NULL,
	"rows_rejected" bigint DEFAULT 0 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."rejected_rows" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "etl"."rejected_rows_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"stream" text NOT NULL,
	"row_key" text NOT NULL,
	"row" json NOT NULL,
	"column_name" text NOT NULL,
	"expression" text,
	"error" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."runner_jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"load_id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "etl"."runner_jobs_load_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"status" text DEFAULT 'queued' NOT NULL,
	"trigger" text NOT NULL,
	"scheduled_for" timestamp with time zone NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	"worker_id" text,
	"cancel_requested_at" timestamp with time zone,
	"stream_stats" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"log_tail" text DEFAULT '' NOT NULL,
	"report_status" text,
	"reported_state" json,
	"rows_written" bigint,
	"duration_s" integer,
	"error_code" text,
	"error_msg" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"reported_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "etl"."sync_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"load_id" bigint NOT NULL,
	"status" text NOT NULL,
	"trigger" text NOT NULL,
	"rows_synced" bigint NOT NULL,
	"rows_loaded" bigint NOT NULL,
	"transform_errors" bigint NOT NULL,
	"tables" jsonb NOT NULL,
	"stream_stats" jsonb NOT NULL,
	"iomete_table" text NOT NULL,
	"error_code" text,
	"error_msg" text,
	"started_at" timestamp with time zone NOT NULL,
	"completed_at" timestamp with time zone NOT NULL,
	"duration_s" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit"."events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit"."events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tenant_id" text NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"request_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."idempotency_keys" (
	"tenant_id" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"status" integer,
	"body" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "etl"."outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "etl"."outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"job" text NOT NULL,
	"payload" jsonb NOT NULL,
	"job_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "lakehouse"."tenant_catalogs" ADD CONSTRAINT "tenant_catalogs_namespace_namespaces_namespace_fk" FOREIGN KEY ("namespace") REFERENCES "lakehouse"."namespaces"("namespace") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."state_history" ADD CONSTRAINT "state_history_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."field_mappings" ADD CONSTRAINT "field_mappings_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."mapping_jobs" ADD CONSTRAINT "mapping_jobs_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."load_batches" ADD CONSTRAINT "load_batches_run_id_runner_jobs_id_fk" FOREIGN KEY ("run_id") REFERENCES "etl"."runner_jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."rejected_rows" ADD CONSTRAINT "rejected_rows_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."runner_jobs" ADD CONSTRAINT "runner_jobs_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."sync_runs" ADD CONSTRAINT "sync_runs_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "connectors_tenant" ON "etl"."meltano_connectors" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "connectors_due" ON "etl"."meltano_connectors" USING btree ("next_run_at") WHERE status = 'active' and next_run_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "connectors_staging_schema" ON "etl"."meltano_connectors" USING btree ("staging_schema");--> statement-breakpoint
CREATE UNIQUE INDEX "state_history_version" ON "etl"."state_history" USING btree ("connector_id","version");--> statement-breakpoint
CREATE UNIQUE INDEX "field_mappings_source" ON "etl"."field_mappings" USING btree ("connector_id","source_stream","source_field");--> statement-breakpoint
CREATE INDEX "mapping_jobs_queued" ON "etl"."mapping_jobs" USING btree ("created_at") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "load_batches_run" ON "etl"."load_batches" USING btree ("run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "rejected_rows_once" ON "etl"."rejected_rows" USING btree ("run_id","stream","row_key","column_name");--> statement-breakpoint
CREATE INDEX "rejected_rows_connector" ON "etl"."rejected_rows" USING btree ("connector_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "runner_jobs_slot" ON "etl"."runner_jobs" USING btree ("connector_id","scheduled_for");--> statement-breakpoint
CREATE UNIQUE INDEX "runner_jobs_one_unfinished" ON "etl"."runner_jobs" USING btree ("connector_id") WHERE status in ('queued', 'running', 'loading');--> statement-breakpoint
CREATE INDEX "runner_jobs_unfinished" ON "etl"."runner_jobs" USING btree ("status","lease_until") WHERE status in ('queued', 'running', 'loading');--> statement-breakpoint
CREATE INDEX "sync_runs_latest" ON "etl"."sync_runs" USING btree ("connector_id","load_id");--> statement-breakpoint
CREATE INDEX "audit_events_tenant" ON "audit"."events" USING btree ("tenant_id","id");