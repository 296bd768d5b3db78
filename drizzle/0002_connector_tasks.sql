CREATE TABLE "etl"."connector_tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	"worker_id" text,
	"result" json,
	"error_code" text,
	"error_msg" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "etl"."connector_tasks" ADD CONSTRAINT "connector_tasks_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "connector_tasks_one_unfinished" ON "etl"."connector_tasks" USING btree ("connector_id","kind") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "connector_tasks_unfinished" ON "etl"."connector_tasks" USING btree ("created_at") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "connector_tasks_connector" ON "etl"."connector_tasks" USING btree ("connector_id","created_at");