import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import { findTrouble } from '../store/sqlite-trouble.ts';
import type { Store } from '../store/store.ts';

type Problems = SettingsInvalid['problems'];

/** What is wrong in the own home alone, in words: a store that takes no writes, so that nothing is killed; an app token that is none any more. */
export function ownTroubles(store: Pick<Store, 'trouble'>, settings: Pick<OpenSettings, 'read'>): Problems {
  return [...storeTroubles(store), ...tokenTroubles(settings)];
}

function storeTroubles(store: Pick<Store, 'trouble'>): Problems {
  const trouble = store.trouble();
  return trouble === undefined ? [] : [{ name: 'STORE_FILE', problem: findTrouble(trouble)?.message ?? 'it takes no writes' }];
}

/** The house names what is wrong with all other settings. */
function tokenTroubles(settings: Pick<OpenSettings, 'read'>): Problems {
  try {
    settings.read();
    return [];
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return error.problems.filter(({ name }) => name === 'SLACK_APP_TOKEN');
  }
}
