CREATE TABLE "etl"."llm_answers" (
	"tenant_id" text NOT NULL,
	"key" text NOT NULL,
	"model" text NOT NULL,
	"answer" json NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "llm_answers_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "etl"."llm_calls" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "etl"."llm_calls_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tenant_id" text NOT NULL,
	"purpose" text NOT NULL,
	"subject" text,
	"model" text NOT NULL,
	"outcome" text NOT NULL,
	"attempts" integer NOT NULL,
	"prompt_tokens" integer NOT NULL,
	"completion_tokens" integer NOT NULL,
	"cost_usd" double precision,
	"duration_ms" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."mapping_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "etl"."mapping_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"mapping_id" uuid NOT NULL,
	"source_stream" text NOT NULL,
	"source_field" text NOT NULL,
	"action" text NOT NULL,
	"actor" text NOT NULL,
	"detail" json DEFAULT '{}'::json NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etl"."source_schemas" (
	"tenant_id" text NOT NULL,
	"connector_id" uuid NOT NULL,
	"stream" text NOT NULL,
	"fields" json NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "etl"."mapping_jobs" ALTER COLUMN "request" SET DATA TYPE json;--> statement-breakpoint
ALTER TABLE "etl"."field_mappings" ADD COLUMN "examples" json DEFAULT '[]'::json NOT NULL;--> statement-breakpoint
ALTER TABLE "etl"."field_mappings" ADD COLUMN "warnings" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "etl"."field_mappings" ADD COLUMN "drift" jsonb;--> statement-breakpoint
ALTER TABLE "etl"."mapping_changes" ADD CONSTRAINT "mapping_changes_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etl"."source_schemas" ADD CONSTRAINT "source_schemas_connector_id_meltano_connectors_id_fk" FOREIGN KEY ("connector_id") REFERENCES "etl"."meltano_connectors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "llm_answers_age" ON "etl"."llm_answers" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "llm_calls_tenant" ON "etl"."llm_calls" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "mapping_changes_connector" ON "etl"."mapping_changes" USING btree ("connector_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "source_schemas_stream" ON "etl"."source_schemas" USING btree ("connector_id","stream");