import { HttpModule, HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedger } from './hedger.js';

@Injectable()
export class Catalog {
  constructor(private readonly http: HttpService) {}

  async items(): Promise<unknown> {
    return (await lastValueFrom(this.http.get('https://api.example.com/items'))).data;
  }

  async pay(): Promise<unknown> {
    return (await lastValueFrom(this.http.post('https://api.example.com/pay', {}))).data;
  }
}

@Module({ imports: [HttpModule.register({ adapter: hedgedAdapter({ hedger }) })], providers: [Catalog], exports: [Catalog] })
export class CatalogModule {}
