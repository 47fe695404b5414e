/** Characters of a listing that is read; nft itself needs more than 20 times as much memory to print it. */
export const maxListingLength = 256 * 1024 * 1024;
