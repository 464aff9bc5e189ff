// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Names that headers mention without needing the definition.
#pragma once

namespace ovrseer {

class error;
class byte_size;
class process;
class line_stream;
class line_feed;
class notify_channel;
class supervisor;

}  // namespace ovrseer
