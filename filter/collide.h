/*
 * collide: of the files that a run names, none is written twice, and none that is read is written by anything but -o. Layer 7.
 *
 * Files are told apart by device and inode, and where there is none yet by folder and name, so links and ./ make no difference. What is
 * a character device (/dev/null, a terminal) may be named as often as one likes.
 */
#ifndef HPX_COLLIDE_H
#define HPX_COLLIDE_H

#include "messages.h"
#include "options.h"
#include "outputs.h"

/* False: reported, status 2. */
bool hpx_collide_check(const hpx_options *options, const hpx_outputs *outputs, hpx_messages *messages) HAPAX_MUST_CHECK;

#endif
