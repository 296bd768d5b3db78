#!/usr/bin/env node
import { prepareImports } from '../prepare-imports.ts';
import { main } from '../target.ts';

/** `ivory-target`: `ivory target` as a program of its own, for those who start a target by its path alone (Meltano). */
prepareImports();
process.exitCode = await main(process.argv.slice(2));
