import { main } from './serve/main.ts';

await main(process.argv.slice(2));
