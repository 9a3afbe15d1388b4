// Before each file of tests: the words of the pages, in English; after each test: an empty page.

import { i18n } from '@lingui/core';
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

i18n.loadAndActivate({ locale: 'en', messages: {} });
afterEach(cleanup);
