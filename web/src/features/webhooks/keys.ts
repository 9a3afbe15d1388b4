// By what the queries about webhooks are known; apart from the calls, which come with the pages.

export const keys = {
  all: ['webhooks'] as const,
  list: ['webhooks', 'list'] as const,
  events: ['webhook-events'] as const,
  one: (id: string) => ['webhooks', 'one', id] as const,
  deliveries: (id: string) => ['webhooks', 'deliveries', id] as const,
  delivery: (id: string, delivery: number) => ['webhooks', 'delivery', id, delivery] as const,
};
