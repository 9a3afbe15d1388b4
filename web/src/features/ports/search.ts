// The address of the ports: which one is looked at.

import * as v from 'valibot';

export const PortsSearch = v.object({
  port: v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))), undefined),
});
