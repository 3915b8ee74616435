import { initTRPC } from '@trpc/server';

const t = initTRPC.create();

/** What the client of tRPC is typed by. */
export const router = t.router({
  items: t.procedure.query(() => [{ id: 1 }]),
  pay: t.procedure.mutation(() => true),
});

export type AppRouter = typeof router;
