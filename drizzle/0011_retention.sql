CREATE TABLE "etl"."connector_retention" (
	"connector_id" uuid PRIMARY KEY NOT NULL,
	"staged_up_to" bigint DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"runs_pruned" integer DEFAULT 0 NOT NULL,
	"rows_pruned" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "etl"."runner_jobs" ADD COLUMN "log_pruned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "etl"."connector_retention" ADD CONSTRAINT "connector_retention_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "connector_retention_next" ON "etl"."connector_retention" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "mapping_jobs_connector" ON "etl"."mapping_jobs" USING btree ("connector_id","created_at");--> statement-breakpoint
CREATE INDEX "mapping_jobs_finished" ON "etl"."mapping_jobs" USING btree ("finished_at") WHERE finished_at is not null;--> statement-breakpoint
CREATE INDEX "runner_jobs_finished" ON "etl"."runner_jobs" USING btree ("finished_at") WHERE finished_at is not null;--> statement-breakpoint
CREATE INDEX "runner_jobs_logged" ON "etl"."runner_jobs" USING btree ("finished_at") WHERE finished_at is not null and log_pruned_at is null;--> statement-breakpoint
CREATE INDEX "connector_tasks_finished" ON "etl"."connector_tasks" USING btree ("finished_at") WHERE finished_at is not null;