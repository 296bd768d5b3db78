ALTER TABLE "etl"."mapping_jobs" ADD COLUMN "error_kind" text;--> statement-breakpoint
ALTER TABLE "etl"."rejected_rows" ADD COLUMN "load_id" bigint;--> statement-breakpoint
ALTER TABLE "etl"."rejected_rows" ADD COLUMN "replay_run_id" uuid;--> statement-breakpoint
ALTER TABLE "etl"."runner_jobs" ADD COLUMN "table_stats" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "etl"."runner_jobs" ADD COLUMN "log_lines" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "etl"."idempotency_keys" ADD COLUMN "seed" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
CREATE INDEX "rejected_rows_replay" ON "etl"."rejected_rows" USING btree ("replay_run_id","id") WHERE replay_run_id is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "etl"."idempotency_keys" USING btree ("created_at");