// The address of the ports: which one is looked at.

import * as v from 'valibot';
import { optional } from '../../lib/search';

export const PortsSearch = v.object({
  port: optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
});
