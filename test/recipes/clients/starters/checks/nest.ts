import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Catalog, CatalogModule } from '../clients/nest.js';

const app = await NestFactory.createApplicationContext(CatalogModule, { logger: false });
const catalog = app.get(Catalog);

export const items = () => catalog.items();
export const pay = () => catalog.pay();
