// What we use of undici. It is CommonJS: a bundle that loads it lazily gets these names only through a module that says them.
export { Agent, type Dispatcher, request } from 'undici';
