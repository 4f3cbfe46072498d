import { z } from 'zod';

const searchSchema = z.object({
  q: z.string().min(1).max(60),
  limit: z.coerce.number().int().min(1).max(50).default(10),
});

const orderSchema = z.object({
  customer: z.object({ name: z.string().min(1).max(80), email: z.email() }),
  items: z
    .array(z.object({ product: z.string().regex(/^p\d+$/), quantity: z.number().int().min(1).max(99) }))
    .min(1)
    .max(50),
});

const loginSchema = z.object({ user: z.string().max(40), password: z.string().max(200) });

export const parseSearch = (query) => searchSchema.parse(query);
export const parseOrder = (body) => orderSchema.parse(body);
export const parseLogin = (body) => loginSchema.parse(body);
