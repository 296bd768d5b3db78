ALTER TABLE "etl"."meltano_connectors" ADD COLUMN "trigger_request_id" text;--> statement-breakpoint
ALTER TABLE "etl"."meltano_connectors" ADD COLUMN "trigger_traceparent" text;--> statement-breakpoint
ALTER TABLE "etl"."mapping_jobs" ADD COLUMN "request_id" text;--> statement-breakpoint
ALTER TABLE "etl"."mapping_jobs" ADD COLUMN "traceparent" text;--> statement-breakpoint
ALTER TABLE "etl"."runner_jobs" ADD COLUMN "request_id" text;--> statement-breakpoint
ALTER TABLE "etl"."runner_jobs" ADD COLUMN "traceparent" text;--> statement-breakpoint
ALTER TABLE "etl"."connector_tasks" ADD COLUMN "request_id" text;--> statement-breakpoint
ALTER TABLE "etl"."connector_tasks" ADD COLUMN "traceparent" text;