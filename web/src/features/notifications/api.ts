// How one hears of what, as the API has it.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

type Schemas = components['schemas'];
export type Choices = Schemas['NotificationChoices'];
export type Channels = Schemas['NotificationChannels'];
export type Digest = Schemas['MailDigest'];

export const keys = { choices: ['notification-choices'] as const };

export const choices = () => queryOptions({ queryKey: keys.choices, queryFn: ({ signal }): Promise<Choices> => answer(api.GET('/api/v1/notifications/choices', { signal })) });

/** What is sent takes the place of all that was chosen before. */
export const choose = ({ offered: _, ...chosen }: Choices): Promise<Choices> => answer(api.PUT('/api/v1/notifications/choices', { body: chosen }));

export const testMail = (to: string, language: 'fa' | 'en') => answer(api.POST('/api/v1/mail/test', { body: { to, language } }));
