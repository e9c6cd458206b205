// The routes that requests' paths belong to, for those who aggregate by them.
#pragma once

#include "http/route.h"

namespace plateau::request {

using Routes = http::RouteTable;

}  // namespace plateau::request
