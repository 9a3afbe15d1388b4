// Before each file of tests: the words of the pages, in English.

import { i18n } from '@lingui/core';

i18n.loadAndActivate({ locale: 'en', messages: {} });
