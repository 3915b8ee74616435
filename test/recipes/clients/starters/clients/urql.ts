import { Client, fetchExchange, gql } from '@urql/core';
import { graphql } from '@hedgerow/core/describe';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedger } from './hedger.js';

const client = new Client({
  url: 'https://api.example.com/graphql',
  exchanges: [fetchExchange],
  preferGetMethod: false,
  fetch: hedgedFetch({ hedger, describe: graphql() }),
});

export const items = () => client.query(gql`query Items { items { id } }`, {}).toPromise();
export const pay = () => client.mutation(gql`mutation Pay { pay }`, {}).toPromise();
