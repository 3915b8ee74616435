import { InvalidArgumentError } from 'commander';
import { checkNumber } from './check.js';

/** Parses a whole number; commander puts the option's name before the message. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    try {
      return checkNumber('value', value, { min, max, integer: true });
    } catch {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
    }
  };
}
