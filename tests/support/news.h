/*
 * news: a made-up newspaper: articles with set phrases, in which earlier articles are quoted and reprinted.
 * For tests.
 *
 * Fixed before anything was tuned on it; what it is made of is stated in news.c.
 */
#ifndef TEST_NEWS_H
#define TEST_NEWS_H

#include "sentences.h"

/* At least nbytes of articles in one text. past: other texts that may be quoted too (may be NULL). */
void news_add(bytes *out, prng *r, lang l, size_t nbytes, const bytes *past);

#endif
