// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IToken {
    function transfer(address to, uint256 value) external returns (bool);
    function balanceOf(address owner) external view returns (uint256);
}

/// What the machine promises to Solidity, one function each; the tests call them all.
contract Probe {
    address constant SM3 = address(0x534d33);
    address constant SM2 = address(0x534d32);
    uint256 public count;

    event Counted(uint256 count);

    error Refused(address who, uint256 value);

    /// SM3 of bytes, by the native function.
    function sm3(bytes calldata data) external view returns (bytes32) {
        (bool ok, bytes memory digest) = SM3.staticcall(data);
        require(ok && digest.length == 32, "SM3 is not here");
        return bytes32(digest);
    }

    /// Whether an SM2 signature (64 bytes) is the key's (33 bytes) over a message.
    function verified(bytes calldata key, bytes calldata signature, bytes calldata message) external view returns (bool) {
        (bool ok, bytes memory word) = SM2.staticcall(abi.encodePacked(key, signature, message));
        require(ok && word.length == 32, "SM2 is not here");
        return uint256(bytes32(word)) == 1;
    }

    function sha256Of(bytes calldata data) external pure returns (bytes32) {
        return sha256(data);
    }

    function recover(bytes32 digest, uint8 v, bytes32 r, bytes32 s) external pure returns (address) {
        return ecrecover(digest, v, r, s);
    }

    /// Success of a call of any address with any data.
    function answers(address target, bytes calldata data) external view returns (bool) {
        (bool ok, ) = target.staticcall(data);
        return ok;
    }

    function facts() external view returns (address caller, address origin, uint256 height, uint256 time, uint256 chain) {
        return (msg.sender, tx.origin, block.number, block.timestamp, block.chainid);
    }

    /// What other chains fill with fees, chance and balances.
    function constants() external view returns (uint256) {
        return uint160(address(block.coinbase)) | block.prevrandao | block.basefee | tx.gasprice
            | uint256(blockhash(block.number - 1)) | address(this).balance | msg.sender.balance;
    }

    function up() external returns (uint256) {
        count += 1;
        emit Counted(count);
        return count;
    }

    function clear() external {
        count = 0;
    }

    function reason() external {
        count = 99;
        revert("not today");
    }

    function refuse(uint256 value) external view {
        revert Refused(msg.sender, value);
    }

    function panics(uint256 by) external pure returns (uint256) {
        return 1 / by;
    }

    function spin() external {
        while (true) count += 1;
    }

    function many(uint256 events) external {
        for (uint256 i = 0; i < events; i++) emit Counted(i);
    }

    function create() external returns (address) {
        return address(new Inner());
    }

    /// A call of another contract whose failure is caught.
    function attempt(IToken token, address to, uint256 value) external returns (bool moved) {
        count += 1;
        try token.transfer(to, value) returns (bool done) {
            moved = done;
        } catch {
            moved = false;
        }
    }

    function held(IToken token, address owner) external view returns (uint256) {
        return token.balanceOf(owner);
    }

    fallback(bytes calldata data) external returns (bytes memory) {
        return data;
    }
}

contract Inner {}
