import { changed, events, happened, instant } from '../feed/event-types.js';
import { ApiKey } from './api-key.entity.js';

events(ApiKey, {
  created: happened('An API key was created.'),
  rotated: changed('An API key was given a new secret.', {
    formerUntil: instant('Until when the former secret works as well.'),
  }),
  revoked: changed('An API key was revoked for good.'),
});
