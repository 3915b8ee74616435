import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { graphql } from '@hedgerow/core/describe';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedger } from './hedger.js';

const link = new HttpLink({ uri: 'https://api.example.com/graphql', fetch: hedgedFetch({ hedger, describe: graphql() }) });
const client = new ApolloClient({ link, cache: new InMemoryCache() });

export const items = () => client.query({ query: gql`query Items { items { id } }`, fetchPolicy: 'no-cache' });
export const pay = () => client.mutate({ mutation: gql`mutation Pay { pay }` });
