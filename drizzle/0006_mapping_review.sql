CREATE TABLE "etl"."kept_decisions" (
	"tenant_id" text NOT NULL,
	"source_system" text NOT NULL,
	"source_stream" text NOT NULL,
	"source_field" text NOT NULL,
	"target_schema" text NOT NULL,
	"target_table" text NOT NULL,
	"target_column" text NOT NULL,
	"transform_fn" text,
	"decided_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
DROP INDEX "etl"."source_schemas_stream";--> statement-breakpoint
ALTER TABLE "etl"."mapping_jobs" ADD COLUMN "actor" text DEFAULT 'worker:mapping' NOT NULL;--> statement-breakpoint
ALTER TABLE "etl"."source_schemas" ADD COLUMN "origin" text DEFAULT 'discover' NOT NULL;--> statement-breakpoint
ALTER TABLE "etl"."runner_jobs" ADD COLUMN "warnings" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "kept_decisions_source" ON "etl"."kept_decisions" USING btree ("tenant_id","source_system","decided_at");--> statement-breakpoint
CREATE INDEX "mapping_changes_mapping" ON "etl"."mapping_changes" USING btree ("mapping_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "source_schemas_told" ON "etl"."source_schemas" USING btree ("connector_id","stream","origin");