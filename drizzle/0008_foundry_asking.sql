CREATE SCHEMA "foundry";
--> statement-breakpoint
CREATE TABLE "foundry"."answers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"question" text NOT NULL,
	"turns" integer NOT NULL,
	"outcome" text DEFAULT 'asking' NOT NULL,
	"target" text,
	"query" text,
	"explanation" text,
	"planner" text,
	"repairs" integer DEFAULT 0 NOT NULL,
	"error_code" text,
	"row_count" integer DEFAULT 0 NOT NULL,
	"truncated" boolean DEFAULT false NOT NULL,
	"duration_ms" double precision DEFAULT 0 NOT NULL,
	"request_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "foundry"."feedback" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"answer_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"rating" text NOT NULL,
	"comment" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "foundry"."verified_answers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"question" text NOT NULL,
	"question_key" text NOT NULL,
	"target" text NOT NULL,
	"query" text NOT NULL,
	"explanation" text NOT NULL,
	"actor" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "foundry"."feedback" ADD CONSTRAINT "feedback_answer_id_answers_id_fk" FOREIGN KEY ("answer_id") REFERENCES "foundry"."answers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "foundry_answers_tenant" ON "foundry"."answers" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "foundry_answers_age" ON "foundry"."answers" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "foundry_answers_asking" ON "foundry"."answers" USING btree ("tenant_id") WHERE outcome = 'asking';--> statement-breakpoint
CREATE UNIQUE INDEX "foundry_feedback_once" ON "foundry"."feedback" USING btree ("answer_id","actor");--> statement-breakpoint
CREATE INDEX "foundry_feedback_tenant" ON "foundry"."feedback" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "foundry_verified_question" ON "foundry"."verified_answers" USING btree ("tenant_id","question_key");