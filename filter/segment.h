/*
 * segment: cuts a cleaned paragraph into units: sentences with their closing marks and the space after them. Layer 1, pure.
 *
 * A unit is the smallest thing that deduplication removes. Sentence ends count inside quotations too; an unclosed quotation
 * does not extend a unit.
 */
#ifndef HPX_SEGMENT_H
#define HPX_SEGMENT_H

#include "base.h"

/* Offset just behind the unit that begins at text.ptr[at]: behind its last letter, its end mark, closing quotes and
 * brackets, and the spaces that follow. text.len for the last unit. at < text.len. Units partition the paragraph. */
size_t hpx_segment_next(hpx_slice text, size_t at);

/* True when text ends like a finished sentence (end mark with closing marks behind it); trailing spaces are passed over. */
bool hpx_segment_is_closed(hpx_slice text);

/* Offset of the first quotation mark or bracket in text that opens and is never closed in it, or text.len. Paired marks only
 * (“” ‘’ 「」 『』 《》 （） () and so on); a straight quote is never unmatched. */
size_t hpx_segment_unclosed(hpx_slice text);

#endif
