CREATE TABLE "etl"."table_care" (
	"tenant_id" text NOT NULL,
	"table_name" text NOT NULL,
	"loaded_at" timestamp with time zone NOT NULL,
	"cared_at" timestamp with time zone,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_until" timestamp with time zone,
	"fence" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	CONSTRAINT "table_care_tenant_id_table_name_pk" PRIMARY KEY("tenant_id","table_name")
);
--> statement-breakpoint
CREATE INDEX "table_care_next" ON "etl"."table_care" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "load_batches_committed" ON "etl"."load_batches" USING btree ("updated_at") WHERE state = 'committed';