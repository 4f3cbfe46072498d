#pragma once

#include "address_range.h"

namespace hotspan {

// Where the machine code of hotspan itself is. Any thread.
AddressRange OwnCode();

}  // namespace hotspan
