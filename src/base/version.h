/* version.h - the version that all programs of this tree have; meson.build says the same. */
#pragma once

#define DD_VERSION "0.1.0"
